"""Makes a typical year and a rain record from monthly climate, the same one every time."""
