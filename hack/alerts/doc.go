// Package alerts has the alerts of the chart fire, one after the other, by Prometheus' own engine.
package alerts
