// A client of Routee that knows nothing of any mock: it prints the trackingId of the flow it sends.

const login = Buffer.from("my-app:my-secret").toString("base64");
const token = await fetch("https://auth.routee.net/oauth/token", {
  method: "POST",
  headers: { authorization: `Basic ${login}` },
  body: new URLSearchParams({ grant_type: "client_credentials" }),
});
const { access_token } = await token.json();

const step = { type: "Sms", to: "+306900000000", from: "Parcels", message: { body: "At the door." } };
const answer = await fetch("https://connect.routee.net/failover", {
  method: "POST",
  headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
  body: JSON.stringify({ flow: [step] }),
});
console.log((await answer.json()).trackingId);
