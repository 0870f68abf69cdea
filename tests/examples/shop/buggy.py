"""What the shop does when Routee calls back. There are three mistakes in it."""


def handle(shop, flow):
    order = shop.orders[flow["trackingId"]]
    order.state = flow["status"]
    if order.state == "Failed":
        shop.to_call.append(order.number)
