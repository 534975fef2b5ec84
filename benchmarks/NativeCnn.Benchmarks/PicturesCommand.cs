using System.CommandLine;
using System.Diagnostics;
using NativeCnn.Cli.Commands;
using NativeCnn.Data;

namespace NativeCnn.Benchmarks;

/// <summary>
/// <c>pictures</c>: how many pictures one thread of the loader reads in a second: file, decoding, view, bilinear
/// scaling and normalisation.
/// </summary>
internal sealed class PicturesCommand : Command
{
    private readonly Argument<string> _folder = new("folder") { Description = "As --data folder:DIR takes it." };
    private readonly NumberOption<int> _rounds = NumberOptions.Rounds(9);

    public PicturesCommand()
        : base("pictures", "Measures how fast one thread reads the pictures of a folder.")
    {
        Add(_folder);
        Add(_rounds);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        IDataset pictures = PictureFolder.Open(arguments.GetRequiredValue(_folder)).Train;
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
        Console.WriteLine($"middle, normalised           {Median(middleRates):0} pictures/s, 224×224");
        Console.WriteLine($"random crop, flip, normalised {Median(cropRates):0} pictures/s, 224×224");
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
