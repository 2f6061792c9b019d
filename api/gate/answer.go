package gate

import (
	"bufio"
	"net"
	"net/http"
)

// answerRecorder notes what is answered: status and bytes, as they leave. It belongs to the request's goroutine.
type answerRecorder struct {
	http.ResponseWriter
	status int // 0 until the header is written
	bytes  int64
}

// WriteHeader notes the first final status.
func (a *answerRecorder) WriteHeader(status int) {
	if a.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answerRecorder) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Hijack hands the connection over to a websocket, which asks for it by this method. From then on nothing is noted.
func (a *answerRecorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err == nil && a.status == 0 {
		a.status = http.StatusSwitchingProtocols
	}
	return conn, buffer, err
}

// Unwrap lets http.ResponseController find deadlines and Flush.
func (a *answerRecorder) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// begun reports whether a part of the answer has left, so that it can't become another one.
func (a *answerRecorder) begun() bool { return a.status != 0 }

// finalStatus is the status that the client gets: a handler that writes nothing answers 200.
func (a *answerRecorder) finalStatus() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}
