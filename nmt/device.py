"""Where the work is done: device, threads, precision, and how the processor's memory is kept."""

import ctypes
import os
import sys
from contextlib import AbstractContextManager, nullcontext

import torch

from nmt.errors import ConfigError


def check_device(name: str) -> None:
    """Look whether a device is called so anywhere, though perhaps not on this machine.

    Raises:
        ConfigError: none is.
    """
    if name not in ("auto", "cpu", "cuda", "mps"):
        raise ConfigError(f"device '{name}' is unknown. Choices: auto, cpu, cuda, mps.")


def choose_device(name: str) -> torch.device:
    """The device called `name`; `auto` takes a GPU where there is one.

    Raises:
        ConfigError: the device is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    check_device(name)
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[name]:
        raise ConfigError(f"device '{name}' is not to be found by this torch ({torch.__version__}). Use auto or cpu.")
    return torch.device(name)


def has_bf16(device: torch.device) -> bool:
    """Whether bf16 matrix products are faster than fp32 there: AMX or AVX512-BF16, Ampere or later on NVIDIA."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and (torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def precision(name: str, device: torch.device) -> str:
    """`auto` resolved to fp32 or bf16."""
    return ("bf16" if has_bf16(device) else "fp32") if name == "auto" else name


def autocast(name: str, device: torch.device) -> AbstractContextManager[object]:
    """The context in which a model computes in fp32 or bf16."""
    return torch.autocast(device.type, torch.bfloat16) if name == "bf16" else nullcontext()


def use_threads(threads: int) -> None:
    """Compute with so many CPU threads; 0 leaves torch's choice."""
    if threads:
        torch.set_num_threads(threads)


def keep_memory() -> None:
    """Let glibc keep freed memory for the next batch; mapping it anew costs time at every update.

    And let oneDNN, which multiplies in bf16, keep fewer of the kernels it makes for each shape, each of some 0.7 MB.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "512")
    os.environ.setdefault("LRU_CACHE_CAPACITY", "32")  # of ideep, between torch and oneDNN
    if sys.platform == "linux":
        try:
            libc = ctypes.CDLL("libc.so.6")
            m_mmap_max, m_trim_threshold = -4, -1
            libc.mallopt(m_mmap_max, 0)
            libc.mallopt(m_trim_threshold, 2**30)
        except (OSError, AttributeError):
            pass  # another libc: slower, not wrong
