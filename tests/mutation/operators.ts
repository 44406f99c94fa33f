/**
 * What a mutation does: six operators, each a small mistake that a programmer
 * makes. An operator is asked about each node of a syntax tree and tells how
 * the node would read with that mistake, or undefined where it has none.
 *
 * Left alone are types, imports and the texts of errors, which tests quote only
 * where it matters.
 *
 * @module
 */
import ts from "typescript";

/** One kind of mistake. */
export interface Operator {
  name: string;
  /** The text that takes the node's place, if this node is a site. */
  mutate(node: ts.Node, file: ts.SourceFile): string | undefined;
}

/** The operators; a seed means the same sites as long as nothing here changes. */
export const operators: readonly Operator[] = [
  {
    name: "drop a statement",
    mutate: (node) => isDroppable(node) ? ";" : undefined,
  },
  {
    name: "negate a condition",
    mutate: (node, file) =>
      isCondition(node) ? `!(${node.getText(file)})` : undefined,
  },
  { name: "off by one", mutate: shiftByOne },
  {
    name: "drop a throw",
    mutate: (node) => ts.isThrowStatement(node) ? ";" : undefined,
  },
  {
    name: "drop an await",
    mutate: (node, file) =>
      ts.isAwaitExpression(node) ? node.expression.getText(file) : undefined,
  },
  { name: "swap a constant", mutate: swapConstant },
];

/** Whether no operator looks at a node, or at what is inside it. */
export function isLeftAlone(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) || ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) || isErrorText(node);
}

/** A guard, a jump or an expression: what the rest compiles without. */
function isDroppable(node: ts.Node): boolean {
  if (ts.isIfStatement(node)) return node.elseStatement === undefined;
  if (ts.isReturnStatement(node)) return node.expression === undefined;
  if (ts.isExpressionStatement(node)) {
    // Without `super()` a class fails to construct, whatever it does.
    return !(ts.isCallExpression(node.expression) &&
      node.expression.expression.kind === ts.SyntaxKind.SuperKeyword);
  }
  return ts.isBreakStatement(node) || ts.isContinueStatement(node);
}

/** What an if, a loop or `?:` asks, an operand of `&&` or `||`, a comparison. */
function isCondition(node: ts.Node): boolean {
  if (!ts.isExpression(node)) return false;
  const { parent } = node;
  if (ts.isBinaryExpression(node) && isComparison(node)) return true;
  if (ts.isBinaryExpression(parent)) {
    const { kind } = parent.operatorToken;
    return kind === ts.SyntaxKind.AmpersandAmpersandToken ||
      kind === ts.SyntaxKind.BarBarToken;
  }
  if (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) {
    return parent.condition === node;
  }
  return (ts.isIfStatement(parent) || ts.isWhileStatement(parent) ||
    ts.isDoStatement(parent)) && parent.expression === node;
}

const neighbors = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
]);

function isComparison({ operatorToken: { kind } }: ts.BinaryExpression) {
  return neighbors.has(kind) ||
    kind === ts.SyntaxKind.EqualsEqualsEqualsToken ||
    kind === ts.SyntaxKind.ExclamationEqualsEqualsToken;
}

/** `<` and `<=` change places, so do `>` and `>=`; a digit counts one more. */
function shiftByOne(
  node: ts.Node,
  file: ts.SourceFile,
): string | undefined {
  if (ts.isNumericLiteral(node) && isDigit(node)) {
    return String(Number(node.text) + 1);
  }
  if (!ts.isBinaryExpression(node)) return undefined;
  const neighbor = neighbors.get(node.operatorToken.kind);
  if (neighbor === undefined) return undefined;
  return `${node.left.getText(file)} ${neighbor} ${node.right.getText(file)}`;
}

/**
 * `true` and `false` change places, a number becomes four times as much, and a
 * string becomes the next other one of its file, or "x" or none.
 */
function swapConstant(
  node: ts.Node,
  file: ts.SourceFile,
): string | undefined {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return "false";
  if (node.kind === ts.SyntaxKind.FalseKeyword) return "true";
  if (ts.isNumericLiteral(node) && !isDigit(node)) {
    return String(4 * Number(node.text));
  }
  if (!ts.isStringLiteral(node)) return undefined;
  const others = stringsIn(file).filter(({ text }) => text !== node.text);
  const next = others.find(({ pos }) => pos > node.pos) ?? others.at(0);
  if (next !== undefined) return next.getText(file);
  return node.text === "" ? '"x"' : '""';
}

/** What is less than ten counts something; what is more is a constant. */
function isDigit(node: ts.NumericLiteral): boolean {
  return Number.isInteger(Number(node.text)) && Number(node.text) < 10;
}

function stringsIn(file: ts.SourceFile): ts.StringLiteral[] {
  const found: ts.StringLiteral[] = [];
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    if (ts.isStringLiteral(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Whether a string is an argument of `new SomeError()`. */
function isErrorText(node: ts.Node): boolean {
  return ts.isStringLiteral(node) && ts.isNewExpression(node.parent) &&
    /(?:Error|Lost)$/.test(node.parent.expression.getText());
}
