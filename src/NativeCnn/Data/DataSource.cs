namespace NativeCnn.Data;

/// <summary>What a network is trained on and, if there is one, the set it is tested on.</summary>
/// <param name="Train">The examples to learn from.</param>
/// <param name="Test">Other examples, or null.</param>
public sealed record DataSource(IDataset Train, IDataset? Test);
