package realkafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
)

// The users of the SASL listeners, with their passwords.
const (
	User     = "xos"
	Password = "correct horse"
)

// listener is a way to connect.
type listener string

// The listeners. SASL offers PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. Clients reach proxied by
// the proxy before it.
const (
	plaintext  listener = "PLAINTEXT"
	proxied    listener = "PROXIED"
	ssl        listener = "SSL"
	mutualTLS  listener = "MTLS"
	sasl       listener = "SASL"
	saslSSL    listener = "SASLSSL"
	controller listener = "CONTROLLER"
)

var listeners = map[listener]string{
	plaintext: "PLAINTEXT", proxied: "PLAINTEXT", ssl: "SSL", mutualTLS: "SSL", sasl: "SASL_PLAINTEXT", saslSSL: "SASL_SSL", controller: "PLAINTEXT",
}

// clusterID is any; it is that of all brokers, each of which is a cluster of its own.
const clusterID = "MkU3OEVBNTcwNTJENDM2Qk"

// freeAddresses returns an address for each listener. They are all open at once before
// the first is closed, so that they differ.
func freeAddresses(ctx context.Context) (map[listener]string, error) {
	addresses := map[listener]string{}
	var open []net.Listener
	var err error
	for l := range listeners {
		var one net.Listener
		if one, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			err = fmt.Errorf("find a free port: %w", err)
			break
		}
		open = append(open, one)
		addresses[l] = one.Addr().String()
	}
	for _, one := range open {
		err = errors.Join(err, one.Close())
	}
	return addresses, err
}

// properties is the broker's configuration. proxy is the address that clients have for proxied.
func properties(addresses map[listener]string, proxy, data string, server, authority string, further map[string]string) string {
	var all, advertised, protocols []string
	for l, protocol := range listeners {
		all = append(all, fmt.Sprintf("%s://%s", l, addresses[l]))
		protocols = append(protocols, fmt.Sprintf("%s:%s", l, protocol))
		switch l {
		case controller:
		case proxied:
			advertised = append(advertised, fmt.Sprintf("%s://%s", l, proxy))
		default:
			advertised = append(advertised, fmt.Sprintf("%s://%s", l, addresses[l]))
		}
	}
	settings := map[string]string{
		"process.roles":                  "broker,controller",
		"node.id":                        "1",
		"controller.quorum.voters":       "1@" + addresses[controller],
		"controller.listener.names":      string(controller),
		"inter.broker.listener.name":     string(plaintext),
		"listeners":                      strings.Join(all, ","),
		"advertised.listeners":           strings.Join(advertised, ","),
		"listener.security.protocol.map": strings.Join(protocols, ","),
		"log.dirs":                       data,
		"auto.create.topics.enable":      "false",

		// One broker is a whole cluster.
		"offsets.topic.replication.factor":         "1",
		"offsets.topic.num.partitions":             "1",
		"transaction.state.log.replication.factor": "1",
		"transaction.state.log.min.isr":            "1",
		"transaction.state.log.num.partitions":     "1",
		"group.initial.rebalance.delay.ms":         "0",

		"ssl.keystore.type":                  "PEM",
		"ssl.keystore.location":              server,
		"ssl.truststore.type":                "PEM",
		"ssl.truststore.location":            authority,
		"listener.name.mtls.ssl.client.auth": "required",

		"sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
	}
	for _, l := range []listener{sasl, saslSSL} {
		prefix := "listener.name." + strings.ToLower(string(l)) + "."
		settings[prefix+"plain.sasl.jaas.config"] =
			fmt.Sprintf(`org.apache.kafka.common.security.plain.PlainLoginModule required user_%s="%s";`, User, Password)
		for _, mechanism := range []string{"scram-sha-256", "scram-sha-512"} {
			settings[prefix+mechanism+".sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
		}
	}
	for name, value := range further {
		settings[name] = value
	}
	var text strings.Builder
	for name, value := range settings {
		fmt.Fprintf(&text, "%s=%s\n", name, value)
	}
	return text.String()
}

// logging writes the broker's log to its output.
const logging = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d{HH:mm:ss.SSS} %-5p %c{1}: %m%n"/></Console>
  </Appenders>
  <Loggers>
    <Logger name="org.apache.kafka.common.config.AbstractConfig" level="WARN"/>
    <Root level="INFO"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
`
