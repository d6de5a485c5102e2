import { createCookies } from './cookies.js'

/** What somebody does in a browser, page by page: cookies, redirects, forms. */
export interface Page { readonly url: string; readonly status: number; readonly body: string }

export function createBrowser() {
  const cookies = createCookies()

  async function open(url: string, form?: Record<string, string>): Promise<Page> {
    for (let hop = 0; hop < 10; hop++) {
      const response: Response = await fetch(url, {
        method: form ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { Cookie: cookies.header() },
        ...(form && { body: new URLSearchParams(form) }),
      })
      cookies.take(response)
      const location = response.headers.get('location')
      const body = await response.text()
      if (location === null) return { url, status: response.status, body }
      url = new URL(location, url).href
      form = undefined
    }
    throw new Error('too many redirects')
  }

  return { open }
}

/** The page's only or first form: where it goes, and what is filled in already. */
export function formOf(page: Page): { action: string; fields: Record<string, string> } | undefined {
  const form = /<form[^>]*\baction="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(page.body)
  if (!form) return undefined
  const fields: Record<string, string> = {}
  for (const [input] of (form[2] as string).matchAll(/<input[^>]*>/g)) {
    const name = /\bname="([^"]*)"/.exec(input)?.[1]
    if (name) fields[name] = plain(/\bvalue="([^"]*)"/.exec(input)?.[1] ?? '')
  }
  return { action: new URL(plain(form[1] as string), page.url).href, fields }
}

const plain = (html: string) => html.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#x2F;', '/')
