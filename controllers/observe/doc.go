// Package observe reads pods and workloads: what the status of an instance or a slice shows
// of them, why they are not ready, and what holds up their deletion. It also reduces what
// is cached of workloads that another client manages to what it reads of them.
//
// Everything here is a pure function.
package observe
