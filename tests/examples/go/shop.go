// Package shop tells customers that their order is ready. It knows nothing of the mock.
package shop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Shop: AuthURL, APIURL and the credentials say where Routee is and who we are; Webhook is our URL for Routee.
type Shop struct {
	AuthURL, APIURL, ApplicationID, ApplicationSecret, Webhook string

	mutex    sync.Mutex
	statuses map[string]string
}

// Ready tells a customer that the order is ready, and returns the trackingId of the flow.
func (s *Shop) Ready(phone string) (string, error) {
	token, err := s.token()
	if err != nil {
		return "", err
	}
	text := "Your order is ready."
	body, _ := json.Marshal(map[string]any{
		"flow": []any{
			map[string]any{"type": "Viber", "to": phone, "senderInfoTrackingId": "shop", "message": map[string]any{"text": text}},
			map[string]any{"type": "Sms", "to": phone, "from": "Shop", "message": map[string]any{"body": text}},
		},
		"callback": map[string]any{"strategy": "OnStep", "url": s.Webhook},
	})
	request, err := http.NewRequest(http.MethodPost, s.APIURL+"/failover", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	var flow struct{ TrackingID string }
	err = fetch(request, &flow)
	return flow.TrackingID, err
}

// Status is what is known of a flow.
func (s *Shop) Status(trackingID string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.statuses[trackingID]
}

// ServeHTTP is the webhook.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var flow struct{ TrackingID, Status string }
	if err := json.NewDecoder(r.Body).Decode(&flow); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.statuses == nil {
		s.statuses = map[string]string{}
	}
	s.statuses[flow.TrackingID] = flow.Status
	w.WriteHeader(http.StatusNoContent)
}

func (s *Shop) token() (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	request, err := http.NewRequest(http.MethodPost, s.AuthURL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.SetBasicAuth(s.ApplicationID, s.ApplicationSecret)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var login struct {
		AccessToken string `json:"access_token"`
	}
	err = fetch(request, &login)
	return login.AccessToken, err
}

func fetch(request *http.Request, into any) error {
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return fmt.Errorf("Routee answered %s", reply.Status)
	}
	return json.NewDecoder(reply.Body).Decode(into)
}
