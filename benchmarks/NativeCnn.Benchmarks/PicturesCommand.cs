using System.CommandLine;
using System.Diagnostics;
using NativeCnn.Data;
using NativeCnn.Tensors;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>pictures</c>: how many pictures one thread of the loader reads in a second: file, decoding, view, bilinear
/// scaling and normalisation.
/// </summary>
internal sealed class PicturesCommand : Command
{
    private readonly Argument<string> _folder = new("folder") { Description = "As --data folder:DIR takes it." };
    private readonly Option<int> _size = new("--size") { DefaultValueFactory = _ => 224 };
    private readonly Option<int> _rounds = new("--rounds") { DefaultValueFactory = _ => 9 };

    public PicturesCommand()
        : base("pictures", "Measures how fast one thread reads the pictures of a folder.")
    {
        Add(_folder);
        foreach (Option option in (Option[])[_size, _rounds])
            Add(option);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int size = arguments.GetValue(_size);
        IDataset pictures = PictureFolder.Open(arguments.GetRequiredValue(_folder), new Shape(1, size, size, 3)).Train;
        ExampleTransform transform = new() { Normalization = ChannelNormalization.Measure(pictures, 100) };
        IDataset middle = transform.ApplyTo(pictures);
        IDataset crops = transform.ApplyTo(new Augmentation { SmallestCrop = 0.08, Flip = true }.ApplyTo(pictures));
        float[] values = new float[middle.ExampleShape.Count];
        List<double> middleRates = [];
        List<double> cropRates = [];
        for (int round = 0; round < arguments.GetValue(_rounds); round++)
        {
            middleRates.Add(Rate(pictures.Count, i => middle.Read(i, values)));
            int epoch = round;
            cropRates.Add(
                Rate(pictures.Count, i => ((IRandomDataset)crops).Read(i, new((ulong)epoch, (ulong)i), values))
            );
        }
        Console.WriteLine($"middle, normalised           {Median(middleRates):0} pictures/s, {size}×{size}");
        Console.WriteLine($"random crop, flip, normalised {Median(cropRates):0} pictures/s, {size}×{size}");
        return 0;
    }

    private static double Rate(int count, Action<int> read)
    {
        long start = Stopwatch.GetTimestamp();
        int pictures = 0;
        do
        {
            for (int i = 0; i < count; i++)
                read(i);
            pictures += count;
        } while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(0.3));
        return pictures / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);
}
