/** What InfluxDB 3 calls the permission to read a database's data, and to write it. */
export const READ_ACTION = 'read'
export const WRITE_ACTION = 'write'

/** InfluxDB 3's resource for every database. */
export const EVERY_DATABASE = '*'

/** Ours: all permissions on the whole cluster, as an administrator holds. */
export const ALL_ACTIONS = 'all'
