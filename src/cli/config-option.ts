/** The flag that names `kapacitor.conf`, as commander takes it. */
export const CONFIG: [string, string] = [
  '--config <file>',
  'kapacitor.conf to read (-config works too; default: $KAPACITOR_CONFIG_PATH, ' +
    '/etc/kapacitor-auth/kapacitor.conf, ~/.kapacitor/kapacitor.conf, ' +
    '/etc/kapacitor/kapacitor.conf)',
]
