"""What an input file asks for and we do not model, found in its sections."""

from __future__ import annotations

from twin.verify.swmm_input.text import InputFile

_NOT_ROUTED = {
    "STORAGE": "storages", "DIVIDER": "flow dividers", "PUMP": "pumps", "ORIFICE": "orifices",
    "WEIR": "weirs", "OUTLET": "rating outlets", "CONTROL": "control rules",
    "RDII": "rainfall-dependent infiltration into sewers (RDII)", "INLET_USAGE": "street inlets",
    "EVENT": "routing in some events only",
}  # fmt: skip


def climate_reasons(file: InputFile) -> list[str]:
    """Reasons why the subcatchments of a file are not run."""
    reasons = []

    def on(option: str) -> bool:
        return file.option(option, "NO") == "YES"

    if file.rows("GROUNDWATER") and not on("IGNORE_GROUNDWATER"):
        reasons.append("groundwater")
    if file.rows("SNOWPACK") and file.rows("TEMPERATURE") and not on("IGNORE_SNOWMELT"):
        reasons.append("snow")
    if on("IGNORE_RAINFALL"):
        reasons.append("its rain is to be ignored")
    for row in file.rows("EVAP"):
        kind = row.words[0].upper()
        if kind in ("TIMESERIES", "TEMPERATURE", "FILE"):
            reasons.append(f"evaporation from {kind.lower()} data")
        elif kind == "RECOVERY":
            reasons.append("a monthly pattern of soil recovery")
    kinds = [row.words[0].upper() for row in file.rows("ADJUSTMENT")]
    if any(not kind.startswith(("RAIN", "EVAP", "TEMP")) for kind in kinds):
        reasons.append("monthly patterns of soil or ground")
    names = {row.words[0].upper() for row in file.rows("SUBCATCHMENT")}
    if any(word.upper() in names for row in file.rows("OUTFALL") for word in row.words[4:]):
        reasons.append("an outfall that drains onto a subcatchment")
    used = [
        row.words[1].lower() for row in file.rows("FILE") if row.words[0].upper() == "USE" and row.words[1:]
    ]
    return reasons + [f"an interface file ({what})" for what in used if what != "inflows"]


def routing_reasons(file: InputFile) -> list[str]:
    """Reasons in its sections why the flow through the pipes of a file is not compared."""
    if file.option("IGNORE_ROUTING", "NO") == "YES":
        return ["its routing is to be ignored"]
    if not file.rows("CONDUIT"):
        return ["it has no pipes"]
    reasons = [what for section, what in _NOT_ROUTED.items() if file.rows(section)]
    if any(row.number(5, "seepage", default=0.0) > 0.0 for row in file.rows("LOSS")):
        reasons.append("seepage from conduits")
    if file.option("ALLOW_PONDING") == "YES" and any(
        row.number(5, "ponded area", default=0.0) > 0.0 for row in file.rows("JUNC")
    ):
        reasons.append("ponding above junctions")
    if any([word.upper() for word in row.words[:2]] == ["USE", "INFLOWS"] for row in file.rows("FILE")):
        reasons.append("an interface file (inflows)")
    return reasons
