SECRET_KEY = "for tests only"
ROOT_URLCONF = "shop"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
USE_TZ = True
