import pytest
from worker import Worker


@pytest.fixture
def worker(routee):
    return Worker(routee.env(), pause=0.01)


def test_a_job_becomes_a_message(routee, worker):
    worker.send("+306900000000", "It is ready.")
    routee.expect.send(to="+306900000000", text="It is ready.", within=10)


def test_it_tries_again_when_routee_is_busy_and_sends_once(routee, worker):
    routee.when(uses=2).api(503)
    worker.send("+306900000000", "It is ready.")
    routee.expect.request(path="/failover", status=503, count=2, within=10)
    routee.expect.send(count=1, within=10)


def test_jobs_wait_for_each_other(routee, worker):
    for number in range(3):
        worker.send("+306900000000", f"Order {number} is ready.")
    worker.jobs.join()
    routee.expect.send(text="Order * is ready.", count=3)
