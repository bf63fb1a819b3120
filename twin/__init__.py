"""greentwin: an IFC model in, a living green twin out."""

from pathlib import Path

import ifc
from ifc.kernel_cache import use_kernel_cache

__version__ = "0.1.0"

use_kernel_cache([Path(__file__).parent / "kernels", Path(ifc.__file__).parent / "surfaces"])
