import json

import requests
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, JsonResponse
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST


@csrf_exempt
@require_POST
def send(request):
    asked = json.loads(request.body)
    step = {"type": "Sms", "to": asked["to"], "from": "Shop", "message": {"body": asked["text"]}}
    url = request.build_absolute_uri(reverse("webhook"))
    body = {"flow": [step], "callback": {"strategy": "OnStep", "url": url}}
    headers = {"Authorization": f"Bearer {token()}"}
    reply = requests.post(f"{settings.ROUTEE_API_URL}/failover", json=body, headers=headers, timeout=10)
    reply.raise_for_status()
    return JsonResponse({"id": reply.json()["trackingId"]})


def token():
    credentials = (settings.ROUTEE_APPLICATION_ID, settings.ROUTEE_APPLICATION_SECRET)
    form = {"grant_type": "client_credentials"}
    reply = requests.post(f"{settings.ROUTEE_AUTH_URL}/oauth/token", auth=credentials, data=form, timeout=10)
    reply.raise_for_status()
    return reply.json()["access_token"]


def read(request, id):
    return JsonResponse({"status": cache.get(id, "Queued")})


@csrf_exempt
@require_POST
def webhook(request):
    flow = json.loads(request.body)
    cache.set(flow["trackingId"], flow["status"])
    return HttpResponse(status=204)


urlpatterns = [
    path("messages", send),
    path("messages/<id>", read),
    path("routee", webhook, name="webhook"),
]
