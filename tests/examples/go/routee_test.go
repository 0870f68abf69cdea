package shop

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"
)

// routee is a sandbox of a running mock, for one test.
type routee struct {
	*testing.T
	URL, ID, ApplicationID, ApplicationSecret string
}

func newRoutee(t *testing.T) *routee {
	r := &routee{T: t, URL: os.Getenv("ROUTEE_MOCK_URL")}
	if r.URL == "" {
		r.URL = "http://127.0.0.1:8080"
	}
	json.Unmarshal(r.ask("POST", "/_mock/sandboxes", map[string]any{"clock": "manual"}), r)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what happened:\n%s", r.control("GET", "/journal?format=text", nil))
		}
		r.control("DELETE", "", nil)
	})
	return r
}

// play decides what happens to messages.
func (r *routee) play(scenario map[string]any) { r.control("POST", "/scenarios", scenario) }

// untilIdle lets everything happen that is due. When it returns, every callback has its answer.
func (r *routee) untilIdle() { r.control("POST", "/clock/advance", map[string]any{"until": "idle"}) }

// expect fails the test if an expectation does not hold.
func (r *routee) expect(expectation map[string]any) {
	r.Helper()
	var verdict struct {
		OK           bool
		Expectations []struct{ Says string }
	}
	json.Unmarshal(r.control("POST", "/verify", map[string]any{"expect": []any{expectation}}), &verdict)
	if !verdict.OK {
		r.Error(verdict.Expectations[0].Says)
	}
}

func (r *routee) control(method, path string, body any) []byte {
	return r.ask(method, "/_mock/sandboxes/"+r.ID+path, body)
}

func (r *routee) ask(method, path string, body any) []byte {
	r.Helper()
	var content bytes.Buffer
	if body != nil {
		json.NewEncoder(&content).Encode(body)
	}
	request, _ := http.NewRequest(method, r.URL+path, &content)
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		r.Fatal(err)
	}
	defer reply.Body.Close()
	answer, _ := io.ReadAll(reply.Body)
	if reply.StatusCode >= 400 {
		r.Fatalf("%s %s: %s", method, path, answer)
	}
	return answer
}
