"""Site admin: pages that know every other package and are known by none."""
