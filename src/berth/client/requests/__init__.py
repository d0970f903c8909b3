"""What is asked of a manager, and what is made of its answers: pure, and written once.

Here belong calls, the flows of steps that send them, lists in parts and streams that go on. What
waits for a network is in ``network``. Only this package's neighbours in ``berth.client`` import it.
"""
