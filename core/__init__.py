"""The ground floor: what every Otklik process shares. It imports none of them."""
