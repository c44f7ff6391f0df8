"""Tests of the web application: real servers, asked over HTTP or by a browser."""
