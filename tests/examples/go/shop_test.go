package shop

import (
	"net/http/httptest"
	"testing"
)

func TestAnSmsFollowsWhenViberExpires(t *testing.T) {
	routee := newRoutee(t)
	shop := &Shop{
		AuthURL:           routee.URL,
		APIURL:            routee.URL,
		ApplicationID:     routee.ApplicationID,
		ApplicationSecret: routee.ApplicationSecret,
	}
	webhook := httptest.NewServer(shop)
	defer webhook.Close()
	shop.Webhook = webhook.URL

	everybody := map[string]any{"to": "*"}
	routee.play(map[string]any{"name": "no-viber", "when": everybody, "viber": "expired", "sms": "delivered"})
	trackingID, err := shop.Ready("+306900000000")
	if err != nil {
		t.Fatal(err)
	}
	routee.untilIdle()

	if status := shop.Status(trackingID); status != "Succeeded" {
		t.Errorf("the shop knows the status %q", status)
	}
	routee.expect(map[string]any{
		"flow":               map[string]any{"trackingId": trackingID},
		"terminationChannel": "Sms",
		"heard":              []string{"Viber EXPIRED", "Sms Delivered"},
	})
}
