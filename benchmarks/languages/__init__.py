"""Leaflets in Polish, Welsh and Romanian: are they noticed, and how well are they read?"""
