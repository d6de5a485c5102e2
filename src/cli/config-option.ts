/** The flag that names `kapacitor.conf`, as commander takes it. */
export const CONFIG: [string, string] = [
  '--config <file>',
  'kapacitor.conf to read (-config works too; default: $KAPACITOR_CONFIG_PATH, ' +
    '/etc/kapacitor-auth/kapacitor.conf, ~/.kapacitor/kapacitor.conf, ' +
    '/etc/kapacitor/kapacitor.conf)',
]

/** The flag that names `influxdb.conf`. */
export const INFLUXDB_CONFIG: [string, string] = [
  '--influxdb-config <file>',
  "influxdb.conf whose [http] says how InfluxDB's API is served (default: $INFLUXDB_CONFIG_PATH, else none)",
]
