namespace NativeCnn.Data;

/// <summary>A file of a data set that is no example of it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Reason">Why, as the rest of a sentence that begins with the file.</param>
public sealed record SkippedFile(string Path, string Reason);
