SECRET_KEY = "for tests only"
ROOT_URLCONF = "shop"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
STATIC_URL = "/static/"  # LiveServerTestCase wants both
MEDIA_URL = "/media/"
