package ports

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePreferredPortIsTakenWhereItIsFree(t *testing.T) {
	free, err := Pick(0, nil)
	require.NoError(t, err)
	got, err := Pick(free, nil)
	require.NoError(t, err)
	require.Equal(t, free, got)
}

func TestAPortThatIsListenedOnIsNotPicked(t *testing.T) {
	port, err := Pick(0, nil)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", Address(port))
	require.NoError(t, err)
	defer listener.Close()
	got, err := Pick(port, nil)
	require.NoError(t, err)
	require.NotEqual(t, port, got)
}

func TestAPortIsNotPickedTwice(t *testing.T) {
	port, err := Pick(0, nil)
	require.NoError(t, err)
	got, err := Pick(port, map[int]bool{port: true})
	require.NoError(t, err)
	require.NotEqual(t, port, got)
}

func TestPortsLieBelowThoseOfOutgoingConnectionsAndOfNodePorts(t *testing.T) {
	for range 50 {
		port, err := Pick(0, nil)
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
	_, err := Pick(0, taken)
	require.ErrorIs(t, err, ErrNone)
}
