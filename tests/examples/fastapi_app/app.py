import httpx
from fastapi import FastAPI, Request, Response


def create_app(settings):
    """settings: ROUTEE_API_URL and so on, and WEBHOOK_URL, where Routee finds this application."""
    app = FastAPI()
    app.state.settings = dict(settings)
    app.state.statuses = {}

    @app.post("/messages")
    async def send(asked: dict[str, str]):
        settings = app.state.settings
        step = {"type": "Sms", "to": asked["to"], "from": "Shop", "message": {"body": asked["text"]}}
        body = {"flow": [step], "callback": {"strategy": "OnStep", "url": settings["WEBHOOK_URL"]}}
        credentials = (settings["ROUTEE_APPLICATION_ID"], settings["ROUTEE_APPLICATION_SECRET"])
        form = {"grant_type": "client_credentials"}
        async with httpx.AsyncClient() as http:
            login = await http.post(f"{settings['ROUTEE_AUTH_URL']}/oauth/token", auth=credentials, data=form)
            headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
            reply = await http.post(f"{settings['ROUTEE_API_URL']}/failover", json=body, headers=headers)
        reply.raise_for_status()
        return {"id": reply.json()["trackingId"]}

    @app.get("/messages/{id}")
    async def read(id: str):
        return {"status": app.state.statuses.get(id, "Queued")}

    @app.post("/routee")
    async def callback(request: Request):
        flow = await request.json()
        app.state.statuses[flow["trackingId"]] = flow["status"]
        return Response(status_code=204)

    return app
