"""Which point of the sensors belongs to which element of the model."""

from twin.binding.model_points import BoundPoint, bind

__all__ = ["BoundPoint", "bind"]
