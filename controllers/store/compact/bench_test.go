package compact

import (
	"testing"

	"xos.opencord.org/kubernetes-service/controllers/store"
)

func BenchmarkReadPod(b *testing.B) { benchmarkRead(b, Pod(podOf(1))) }

func BenchmarkReadRecord(b *testing.B) { benchmarkRead(b, Instance(recordOf(1))) }

func benchmarkRead(b *testing.B, cached any) {
	b.Helper()
	c := cached.(store.Compact)
	b.ReportAllocs()
	for b.Loop() {
		_ = c.Object()
	}
}

func BenchmarkCachePod(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = Pod(podOf(1))
	}
}

func BenchmarkCacheRecord(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = Instance(recordOf(1))
	}
}
