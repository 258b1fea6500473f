package ports

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePreferredPortIsTakenWhereItIsFree(t *testing.T) {
	free, err := Pick(t.Context(), 0, nil)
	require.NoError(t, err)
	got, err := Pick(t.Context(), free, nil)
	require.NoError(t, err)
	require.Equal(t, free, got)
}

func TestAPortThatIsListenedOnIsNotPicked(t *testing.T) {
	port, err := Pick(t.Context(), 0, nil)
	require.NoError(t, err)
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", Address(port))
	require.NoError(t, err)
	defer listener.Close()
	got, err := Pick(t.Context(), port, nil)
	require.NoError(t, err)
	require.NotEqual(t, port, got)
}

func TestAPortIsNotPickedTwice(t *testing.T) {
	port, err := Pick(t.Context(), 0, nil)
	require.NoError(t, err)
	got, err := Pick(t.Context(), port, map[int]bool{port: true})
	require.NoError(t, err)
	require.NotEqual(t, port, got)
}

func TestPortsLieBelowThoseOfOutgoingConnectionsAndOfNodePorts(t *testing.T) {
	for range 50 {
		port, err := Pick(t.Context(), 0, nil)
		require.NoError(t, err)
		require.GreaterOrEqual(t, port, lowest)
		require.Less(t, port, 30000)
	}
}

func TestWithEveryPortTakenThereIsNone(t *testing.T) {
	taken := map[int]bool{}
	for port := lowest; port <= highest; port++ {
		taken[port] = true
	}
	_, err := Pick(t.Context(), 0, taken)
	require.ErrorIs(t, err, ErrNone)
}
