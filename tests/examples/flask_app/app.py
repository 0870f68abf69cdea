import requests
from flask import Flask, request


def create_app(settings):
    """settings: ROUTEE_API_URL and so on, and WEBHOOK_URL, where Routee finds this application."""
    app = Flask(__name__)
    app.config.update(settings)
    statuses = {}

    def token():
        credentials = (app.config["ROUTEE_APPLICATION_ID"], app.config["ROUTEE_APPLICATION_SECRET"])
        form = {"grant_type": "client_credentials"}
        reply = requests.post(f"{app.config['ROUTEE_AUTH_URL']}/oauth/token", auth=credentials, data=form, timeout=10)
        reply.raise_for_status()
        return reply.json()["access_token"]

    @app.post("/messages")
    def send():
        asked = request.get_json()
        step = {"type": "Sms", "to": asked["to"], "from": "Shop", "message": {"body": asked["text"]}}
        body = {"flow": [step], "callback": {"strategy": "OnStep", "url": app.config["WEBHOOK_URL"]}}
        headers = {"Authorization": f"Bearer {token()}"}
        reply = requests.post(f"{app.config['ROUTEE_API_URL']}/failover", json=body, headers=headers, timeout=10)
        reply.raise_for_status()
        return {"id": reply.json()["trackingId"]}, 202

    @app.get("/messages/<id>")
    def read(id):
        return {"status": statuses.get(id, "Queued")}

    @app.post("/routee")
    def webhook():
        flow = request.get_json()
        statuses[flow["trackingId"]] = flow["status"]
        return "", 204

    return app
