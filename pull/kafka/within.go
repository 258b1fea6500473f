package kafka

import "context"

// within returns what a function opens, or the context's error where that ends first: sarama
// does not know contexts. What is opened too late is closed.
func within[T interface{ Close() }](ctx context.Context, open func() (T, error)) (T, error) {
	type opening struct {
		opened T
		err    error
	}
	result := make(chan opening, 1)
	go func() {
		opened, err := open()
		result <- opening{opened, err}
	}()
	select {
	case o := <-result:
		return o.opened, o.err
	case <-ctx.Done():
		go func() {
			if o := <-result; o.err == nil {
				o.opened.Close()
			}
		}()
		var none T
		return none, ctx.Err()
	}
}
