import type { Config } from '../../config/config.js'
import type { Door } from './door.js'
import { influxdbDoor } from './influxdb-door.js'
import { kapacitorDoor } from './kapacitor-door.js'

/** Every door that there is, in the order in which they are shown. */
export const DOORS: readonly Door[] = [kapacitorDoor, influxdbDoor]

/** The doors that this configuration opens. */
export function openDoors(config: Config): readonly Door[] {
  return DOORS.filter((door) => door.isOpen(config))
}
