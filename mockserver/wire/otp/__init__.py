"""Routee's OTP service on the wire: one-time passwords by Viber, then Sms. JSON under /failover-otp."""
