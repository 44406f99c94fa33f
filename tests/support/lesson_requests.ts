/**
 * Requests as people type them into lessons, a line at a time.
 *
 * @module
 */

export const local = "Host: localhost\n";
export const chunked = "Transfer-Encoding: chunked\n";
/** The file that lessons begin with. */
export const tea = "/files/tea.txt";

export const get = (path: string, fields = "") =>
  `GET ${path} HTTP/1.1\n${local}${fields}\n`;

export const put = (name: string, fields: string, content: string) =>
  `PUT /files/${name} HTTP/1.1\n${local}${fields}\n${content}`;
