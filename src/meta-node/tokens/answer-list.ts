/** A JSON array of what is made of each item, in pieces. */
export async function* answerList<T>(
  items: AsyncIterable<T>,
  documentOf: (item: T) => object,
): AsyncGenerator<string> {
  let separator = '['
  for await (const item of items) {
    yield separator + JSON.stringify(documentOf(item))
    separator = ','
  }
  yield separator === ',' ? ']' : '[]'
}
