import ctypes
import os
import signal
import sys

from django.core.wsgi import get_wsgi_application

PR_SET_PDEATHSIG = 1  # prctl(2)

if sys.platform == "linux":
    # `kill -9` of the server must also end its worker, or the 'broken' shop would continue to serve.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.demo.shop.settings")
application = get_wsgi_application()
