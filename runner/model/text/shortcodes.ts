/** `](` with what Hugo fills in as an address: `{{< ref "./other.md" >}}`, `{{% relref "x.png#here" %}}`. */
const reference =
  /(\]\()(\s*\{\{[<%]\s*(?:rel)?ref\s+(?:"([^"<>()\s]+)"|'([^'<>()\s]+)'|([^"'<>()\s]+))\s*[>%]\}\}\s*)(?=\))/g

/**
 * The references of Hugo as the addresses they stand for, so that they are links here too. Every other character keeps
 * its place: what is shorter is filled up with spaces, which an address may have around it.
 */
export function withAddresses(text: string): string {
  if (!/\{\{[<%]/.test(text)) return text
  return text.replaceAll(
    reference,
    (_, open: string, whole: string, double?: string, single?: string, bare?: string) =>
      open + (double ?? single ?? bare ?? '').padEnd(whole.length),
  )
}
