/// Aligned columns.
enum Table {
    /// Every column as wide as its widest cell, two spaces apart. Nothing follows the last cell of a line, and nothing
    /// is cut from a cell: it may be a name that ends in a space.
    static func lines(_ rows: [[String]], indent: Int = 0) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            var gap = indent
            for (column, cell) in row.enumerated() where widths[column] > 0 {
                if !cell.isEmpty {
                    line += String(repeating: " ", count: gap) + cell
                    gap = 0
                }
                gap += widths[column] - cell.count + 2
            }
            return line
        }
    }
}
