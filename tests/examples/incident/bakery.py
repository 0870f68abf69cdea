"""A bakery that writes a receipt when its customer was told."""

receipts = []


def webhook(request):
    flow = request.json
    if flow["status"] == "Succeeded" and flow["trackingId"] not in receipts:
        receipts.append(flow["trackingId"])
