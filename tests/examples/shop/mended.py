"""What the shop does when Routee calls back."""

from datetime import datetime


def handle(shop, flow):
    order = shop.orders[flow["trackingId"]]
    updated = datetime.fromisoformat(flow["updatedAt"])
    if updated < order.updated:
        return  # a newer one has overtaken it
    if flow["status"] == order.state:
        return  # it has nothing new, or it is a repeated callback
    order.state, order.updated = flow["status"], updated
    if order.state == "Failed" and flow["statusCode"] == "1":
        shop.to_repeat.append(order.number)
    elif order.state == "Failed":
        shop.to_call.append(order.number)
