/** Takes in a style that lies beside the script, for what has just been loaded. */
export function addStyle(name: string): void {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = new URL(`${name}.css`, import.meta.url).href
  document.head.append(link)
}
