package kafka

import (
	"errors"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
)

// scramClientGenerator returns what makes sarama's client of a mechanism, for each
// connection one; nil where the mechanism is another.
func scramClientGenerator(mechanism string) func() sarama.SCRAMClient {
	switch mechanism {
	case sarama.SASLTypeSCRAMSHA256:
		return func() sarama.SCRAMClient { return &scramClient{hash: scram.SHA256} }
	case sarama.SASLTypeSCRAMSHA512:
		return func() sarama.SCRAMClient { return &scramClient{hash: scram.SHA512} }
	default:
		return nil
	}
}

// scramClient implements sarama.SCRAMClient.
type scramClient struct {
	hash         scram.HashGeneratorFcn
	conversation *scram.ClientConversation
}

// Begin implements sarama.SCRAMClient.
func (c *scramClient) Begin(username, password, authzID string) error {
	client, err := c.hash.NewClient(username, password, authzID)
	if err != nil {
		// The library's error quotes the password.
		return errors.New("the user name in " + flagUsername + " or the password in " + flagPassword +
			" has characters that SCRAM does not allow (RFC 4013): use others")
	}
	c.conversation = client.NewConversation()
	return nil
}

// Step implements sarama.SCRAMClient.
func (c *scramClient) Step(challenge string) (string, error) { return c.conversation.Step(challenge) }

// Done implements sarama.SCRAMClient.
func (c *scramClient) Done() bool { return c.conversation.Done() }
