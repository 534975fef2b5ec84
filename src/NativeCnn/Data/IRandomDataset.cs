using NativeCnn.Randomness;

namespace NativeCnn.Data;

/// <summary>
/// A data set whose examples differ from epoch to epoch. <see cref="BatchLoader"/> gives each example of each epoch a
/// random stream of its own, so that a run repeats exactly, whichever of its threads reads the example.
/// </summary>
public interface IRandomDataset : IDataset
{
    /// <summary>Writes an example's values as they are in one epoch.</summary>
    /// <param name="index">0 to <see cref="IDataset.Count"/> − 1.</param>
    /// <param name="random">What decides all that is random about it.</param>
    /// <param name="values">As many places as the example has values.</param>
    void Read(int index, RandomStream random, Span<float> values);
}

/// <summary>A data set of pictures that can be asked for any view of them.</summary>
internal interface IViewedDataset : IDataset
{
    /// <summary>The sides of a picture, upright.</summary>
    (int Width, int Height) SizeOf(int index);

    /// <summary>Writes an example that shows a view of its picture.</summary>
    void Read(int index, in PictureView view, Span<float> values);
}
