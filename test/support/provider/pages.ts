interface Context { body: unknown }

/** The provider's pages of a device login: as plain as can be, with a sentence to know each by. */
export const PAGES = {
  userCodeInputSource: (context: Context, form: string, _out: unknown, error?: Error) => {
    context.body = error?.name === 'AbortedError' ? `Refused.${form}` : `Enter the code.${form}`
  },
  userCodeConfirmSource: (context: Context, form: string) => {
    context.body = `Confirm the device.${form}`
  },
  successSource: (context: Context) => {
    context.body = 'Signed in.'
  },
}
