"""How sensitive each layer is to pruning, as plain data: what the explorer looks up."""

from dataclasses import dataclass

__all__ = ["LayerSensitivity", "SensitivityResults"]


@dataclass(frozen=True)
class LayerSensitivity:
    """One layer, pruned alone.

    Parameters
    ----------
    layer, kind : str
        Name of the layer and of its class.
    weights : int
        In its kernel.
    accuracy : tuple of float
        One for each sparsity, 0 to 1.
    """

    layer: str
    kind: str
    weights: int
    accuracy: tuple[float, ...]


@dataclass(frozen=True)
class SensitivityResults:
    """Every layer at every sparsity, and the whole model.

    Parameters
    ----------
    layers : tuple of LayerSensitivity
        From the input on.
    sparsities : tuple of float
    together : tuple of float
        Accuracy with all layers pruned alike, one for each sparsity.
    dense_accuracy : float
        Of the model as it is.
    examples : int
    """

    layers: tuple[LayerSensitivity, ...]
    sparsities: tuple[float, ...]
    together: tuple[float, ...]
    dense_accuracy: float
    examples: int
