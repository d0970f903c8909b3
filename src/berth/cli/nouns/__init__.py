"""The words of the command line, a module for each noun or group of words.

Each has ``app``, its verbs by name, and is loaded when its word is used. Only ``menu`` loads them.
"""
