internal import SyncCore
internal import SyncModel

/// Entries that stood on the disk when the index was rebuilt: how far it is decided what they are (rule 8).
///
/// Passes go through all of them in pages. Nothing is kept but the page at hand: the index says what is left.
struct FoundBook: Sendable {
    /// Whether a pass is under way or due, and how far it has come.
    var isDue = false
    var cursor: RelativePath?
    var question: FoundQuestion?
    /// Members that did not answer, until they connect again.
    var silent: Set<DeviceID> = []
    /// After members that had no time to answer: when to ask again.
    var retryAt: UInt64?
    /// Whether something was new while a pass was under way.
    private var isDueAgain = false

    /// Something is new: look at all of them. A pass under way is brought to its end first, so that it ends.
    mutating func restart() {
        if cursor != nil { isDueAgain = true }
        isDue = true
    }

    mutating func endPass() {
        (isDue, isDueAgain, cursor) = (isDueAgain, false, nil)
    }

    /// When something is to be done without anyone's word.
    var deadline: UInt64? { question?.deadline ?? retryAt }
}

/// A page that members are asked about. It is decided once all who were asked have answered, or went, or are too late.
struct FoundQuestion: Sendable {
    let number: UInt32
    /// All paths of the page, and the contents that are asked about, in the order of the question.
    let paths: [RelativePath]
    let asked: [(path: RelativePath, content: FileContent)]
    var pending: Set<DeviceID>
    let deadline: UInt64
    /// Whether anyone answered: silence is no answer.
    var isAnswered = false
    /// What any of them has held.
    var known: Set<Int> = []

    /// Whether the content was held at the path by anyone; nil where that was not asked or nobody said so.
    func verdict(_ path: RelativePath, _ content: FileContent) -> Bool? {
        guard isAnswered, let index = asked.firstIndex(where: { $0.path == path && $0.content == content }) else {
            return nil
        }
        return known.contains(index)
    }
}
