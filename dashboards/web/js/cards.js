// Which card a station has: by its pieces, or, where none are counted, by its measurements.

import { MeasureCard } from "./measure_card.js";
import { StationCard } from "./station.js";

export function isMeasured(station) {
  return Array.isArray(station?.measures);
}

export function cardOf(station) {
  return isMeasured(station) ? new MeasureCard(station) : new StationCard(station);
}
