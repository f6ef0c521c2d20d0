"""Typed statements become a page, data and a manifest, in Chinese and English."""
