/** Whether a page is the ERP's sign-in form, shown in place of what was asked for. */
export const isLoginPage = (html: string): boolean =>
  /<form\b[^>]*\bid\s*=\s*["']?login\b/i.test(html) && /<input\b[^>]*\bname\s*=\s*["']?password\b/i.test(html)
